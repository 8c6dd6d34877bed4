#!/bin/sh
# An action for `process` nodes: leaves a mark that survives everything when it begins, and another when it ends.
# sh act.sh WITNESS [EXIT CODE]
mark() {
  printf '{"node":"%s","kind":"%s","attempt":%s,"key":"%s","phase":"%s"}\n' \
    "$PAWL_NODE" "$PAWL_KIND" "$PAWL_ATTEMPT" "$PAWL_KEY" "$1" >> "$witness"
  sync "$witness"
}
witness=$1
mark begin
sleep 0.02
mark end
printf '{"done":"%s"}' "$PAWL_NODE"
exit "${2:-0}"
