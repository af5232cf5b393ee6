-- Who else's: resources of the administrator's own, and the origins of clients that run in a browser.
create function oauth.resources(list text) returns text[]
    language sql stable strict parallel safe
    return array(select coalesce((select r.resource from oauth.resource r where r.uri = w.word), w.word)
                   from unnest(oauth.words(list)) with ordinality as w (word, place)
                  order by w.place);
comment on function oauth.resources is 'The resources that a request names, as short names: for each URI of oauth.resource its name; all other words stay, and are nobody''s resource.  Each once, in their order.';

create function oauth.resource_uris(names text[]) returns text[]
    language sql stable strict parallel safe
    return array(select coalesce(r.uri, r.resource)
                   from unnest(names) with ordinality as n (name, place)
                        join oauth.resource r on r.resource = n.name
                  order by n.place);
comment on function oauth.resource_uris is 'The URIs of resources; profile and contacts, whose URIs are settings, stay as they are.  Those that there are not are left out.';

-- As a browser spells an origin (RFC 6454 6.2): https, or http on a loopback host; a port where it is not the scheme's own.
alter table oauth.client
    add column origins text[] not null default '{}'
        check ('' <> all (origins)
               and array_to_string(origins, ' ', '-')
                   ~ '^((https://([a-z0-9.-]+|\[[0-9a-f:.]+\])|http://(localhost|127\.0\.0\.1|\[::1\]))(:[1-9][0-9]{0,4})?( (?!$)|$))*$');
create index client_origins on oauth.client using gin (origins);
comment on column oauth.client.origins is 'Where its pages come from that call it from a browser: their scripts may read the answers (CORS).';

create view oauth.client_origin as
select client_id, origins from oauth.client where enabled;
comment on view oauth.client_origin is 'The origins of the clients that are enabled.';
