#!/usr/bin/env python3
"""Keeps a copy of a person's contacts in a file: adapter.py FILE.  Run it as often as you like, and kill it whenever you like.

CONTACTS_URL and ACCESS_TOKEN come from the environment (where you have a refresh token, refresh at a 401, and go on)."""
import json, os, sys, time, urllib.error, urllib.parse, urllib.request

WANTED = {'limit': os.environ.get('PAGE', '1000'), 'fields': 'username,name,email'}


def get(url):
    """The JSON at this address.  Waits as long as the server says, when it is busy or we ask too often."""
    request = urllib.request.Request(url, headers={'Authorization': 'Bearer ' + os.environ['ACCESS_TOKEN']})
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in (429, 502, 503, 504):
                raise
            print('wait', error.code, flush=True)
            time.sleep(int(error.headers.get('Retry-After', '5')))


def load(path):
    """contacts: the copy.  mark: it has all changes up to this.  next: where a pass goes on.  coming: the copy that a whole pass makes."""
    try:
        with open(path, encoding='utf-8') as file:
            return json.load(file)
    except FileNotFoundError:
        return {'contacts': {}, 'mark': None, 'next': None, 'coming': None}


def save(path, state):
    with open(path + '.new', 'w', encoding='utf-8') as file:
        json.dump(state, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + '.new', path)


def begin(state):
    """A new pass: over what has changed since the mark; without one over all, into an empty copy."""
    query = dict(WANTED, sync=state['mark']) if state['mark'] else WANTED
    state['next'] = os.environ['CONTACTS_URL'] + '?' + urllib.parse.urlencode(query)
    state['coming'] = None if state['mark'] else {}


def take(state, page):
    copy = state['contacts'] if state['coming'] is None else state['coming']
    for contact in page['contacts']:
        if contact.get('deleted'):
            copy.pop(str(contact['id']), None)
        else:
            copy[str(contact['id'])] = contact
    state['next'] = page.get('next')
    if state['next'] is None:                      # the last page: what did not come in a whole pass is gone
        state.update(contacts=copy, coming=None, mark=page.get('sync'))


def main(path):
    state = load(path)
    if state['next'] is None:                      # else the last run was stopped in the middle, and this one goes on
        begin(state)
    while state['next'] is not None:
        try:
            take(state, get(state['next']))
            print('page', len(state['contacts']), flush=True)
        except urllib.error.HTTPError as error:
            if error.code != 410 and json.load(error).get('error') not in ('cursor_invalid', 'sync_invalid'):
                raise
            print('start over', flush=True)
            state['mark'] = None
            begin(state)
        save(path, state)


main(sys.argv[1])
