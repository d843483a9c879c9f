#!/bin/sh
# RB-OSD.0: List them.
set -eu
ceph orch device ls -f json | jq '[.[]|. as $h|.devices[]|select(.lvs|length>0)|{host:$h.name,osd:("osd."+.lvs[0].osd_id),path:.path,id:.device_id}]'
