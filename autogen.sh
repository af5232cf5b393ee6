#!/bin/sh
# SPDX-License-Identifier: ISC
# Makes ./configure: needed once after a clone, and when configure.ac or Makefile.am changed.
set -e
cd "$(dirname "$0")"
exec autoreconf --install --force
