# Leads the process group of one service: "$@" is its program.
#
# SIGTERM is handed on to the whole group once, which has ten seconds then; the leader ends as its
# program did. However it ends, also when it or the supervisor is killed outright, a watcher kills
# what is left of the group: `mlflow server`, for one, would leave the server that it started behind,
# with its port.
trap 'trap : TERM; kill -TERM 0; (trap "" TERM; sleep 10; kill -KILL 0) &' TERM
setpriv --pdeathsig USR1 -- sh -c '
  trap "" TERM
  trap "kill -KILL 0" USR1
  [ "$PPID" = "$1" ] || kill -KILL 0 # it was quicker than setpriv
  while :; do sleep 86400 & wait; done' watcher "$$" &
"$@" &
main=$!
while :; do
  wait "$main"
  code=$?
  kill -0 "$main" 2>/dev/null || exit "$code"
done
