#!/usr/bin/env bash
# Takes the pictures of the documentation: runs the real commands on the real
# engine in a terminal (tmux), and draws what it shows as SVG in docs/screenshots.
#
# Wants Linux, an engine that answers, tmux, and the ports of the example. It
# works on copies of the example, of another group, so that a demo's database
# stays as it is; in the end everything that it made is removed.
set -euo pipefail
cd "$(dirname "$0")"

registry=github.com/google/go-containerregistry/cmd/registry@v0.20.6
columns=104
seconds=180 # until what is waited for must be seen

say() { printf 'screenshots: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
for program in tmux docker go; do
  command -v "$program" >/dev/null || die "$program is not installed"
done

pictures=$(cd ../../docs/screenshots && pwd)
work=$(mktemp -d)
tmux=(tmux -u -L "miniboss-screenshots-$$" -f /dev/null)
images=() # to be removed
terminals=0
registry_pid=
layer=miniboss-screenshots-$$ # a container for a moment

clean_up() {
  "${tmux[@]}" kill-server 2>/dev/null || true
  [ -z "$registry_pid" ] || kill "$registry_pid" 2>/dev/null || true
  for dir in "$work"/*/; do
    if [ -f "$dir/miniboss.js" ]; then "$work/miniboss" stop --remove --volumes -f "$dir/miniboss.js" >"$work/log" 2>&1 || cat "$work/log" >&2; fi
  done
  docker rm -f "$layer" >/dev/null 2>&1 || true
  [ ${#images[@]} -eq 0 ] || docker rmi "${images[@]}" >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean_up EXIT

# example NAME: a directory with a copy of the example, of a group of its own.
example() {
  cp -r ../../examples "$work/$1"
  rm -f "$work/$1/.miniboss-context"
  sed -i 's/"todo-demo"/"todo-pictures"/' "$work/$1/miniboss.js"
}

# change NAME FILE SED: changes a file of a copy, and makes sure of it.
change() {
  cp "$work/$1/$2" "$work/before"
  sed -i "$3" "$work/$1/$2"
  ! cmp -s "$work/before" "$work/$1/$2" || die "$2: there is nothing for $3"
}

# terminal NAME: an empty terminal in the directory of a copy.
terminal() {
  terminals=$((terminals + 1))
  "${tmux[@]}" new-session -d -s "main$terminals" -x "$columns" -y 45 -c "$work/$1" \
    env -i PATH="$work:$PATH" HOME="$HOME" LC_ALL=C.UTF-8 TERM=tmux-256color PS1='$ ' \
    ${DOCKER_HOST:+DOCKER_HOST="$DOCKER_HOST"} ${DOCKER_CONTEXT:+DOCKER_CONTEXT="$DOCKER_CONTEXT"} \
    bash --noprofile --norc \; set status off
  await '^\$$'
}

# screen: writes what the terminal shows to the file screen, with colours, and
# to the file text, without.
screen() {
  "${tmux[@]}" capture-pane -t "main$terminals" -p -e -S - >"$work/screen"
  sed -E $'s/\e\\[[0-9;]*m//g; s/ +$//' "$work/screen" | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' >"$work/text"
}

# await REGEXP…: until the screen has a line for each.
await() {
  local end=$((SECONDS + seconds)) all pattern
  while true; do
    screen
    all=true
    for pattern; do grep -Eq "$pattern" "$work/text" || all=false; done
    if $all; then return; fi
    if [ "$SECONDS" -ge "$end" ]; then cat "$work/text" >&2; die "there is no $*"; fi
    sleep 0.02
  done
}

# begin COMMAND: types it.
begin() {
  "${tmux[@]}" send-keys -t "main$terminals" -l "$1"
  await "^\\\$ $1\$"
  "${tmux[@]}" send-keys -t "main$terminals" Enter
}

# finish: until the last line is the prompt.
finish() {
  local end=$((SECONDS + seconds))
  until screen; [ "$(tail -n 1 "$work/text")" = '$' ]; do
    if [ "$SECONDS" -ge "$end" ]; then cat "$work/text" >&2; die "the command does not end"; fi
    sleep 0.05
  done
}

run() { begin "$1"; finish; }

# picture NAME TITLE: draws the screen, but for the prompt at its end.
picture() {
  local lines
  lines=$(wc -l <"$work/text")
  if [ "$(tail -n 1 "$work/text")" = '$' ]; then lines=$((lines - 1)); fi
  head -n "$lines" "$work/screen" | "$work/screenshots" "$2" >"$work/$1.svg"
  mv "$work/$1.svg" "$pictures/$1.svg"
  say "$1.svg"
}

# once IMAGE: it is removed in the end unless it is there already.
once() { docker image inspect "$1" >/dev/null 2>&1 || images+=("$1"); }

CGO_ENABLED=0 go build -o "$work/miniboss" ../../cmd/miniboss
go build -o "$work/screenshots" .
for name in db api todo; do once "miniboss-example-$name:dev"; done

example start
terminal start
run 'miniboss start --progress quiet' # builds the images
run 'miniboss stop --remove --volumes --progress quiet'
run 'miniboss start --timeline timeline.svg'
cp "$work/start/timeline.svg" timeline.svg
run 'miniboss stop --remove --volumes --progress quiet'

terminal start
run 'miniboss start'
run 'miniboss status'
picture start 'miniboss start, then miniboss status'
terminal start
run 'miniboss test'
picture test 'miniboss test'
run 'miniboss stop --remove --volumes'
"$work/miniboss" graph --format svg ../../examples/miniboss.js >"$pictures/graph.svg"

# The application ends at once, and its log says why.
example failure
change failure miniboss.js '/name = "todo"/a\  cmd = "node sever.js";'
terminal failure
run 'miniboss start'
picture failure 'miniboss start, where a container ends at once'
run 'miniboss stop --remove --volumes'

example error
change error miniboss.js 's/(await answer.json()).id/(await answer.json()).todo.id/'
terminal error
run 'miniboss start'
picture error 'miniboss start, where a hook throws'
run 'miniboss stop --remove --volumes'

# The middle of a start that pulls, builds and pings at once: the registry has
# an image with a layer that the engine does not have, and a step of the build
# that was never run.
GOBIN=$work go install "$registry"
"$work/registry" -port 0 >"$work/registry.log" 2>&1 &
registry_pid=$!
until port=$(grep -Eo 'port [0-9]+' "$work/registry.log"); do
  kill -0 "$registry_pid" 2>/dev/null || die "the registry does not start: $(cat "$work/registry.log")"
  sleep 0.02
done
image=127.0.0.1:${port#port }/todo:1
docker run --name "$layer" miniboss-example-todo:dev sh -c 'head -c 320M /dev/urandom >/tmp/layer'
docker commit "$layer" "$image" >/dev/null
images+=("$image")
docker rm "$layer" >/dev/null
docker push -q "$image" >/dev/null
docker rmi "$image" >/dev/null

example progress
change progress miniboss.js "s#miniboss-example-todo:dev#$image#; /buildFrom = \"todo\/\"/d"
change progress miniboss.js 's/miniboss-example-api:dev/todo-pictures-api:dev/'
change progress suites.js "s#miniboss-example-todo:dev#$image#"
change progress api/Dockerfile "s/^# Debian's modules/ENV PICTURE=$(date +%s)\n&/"
images+=(todo-pictures-api:dev)
terminal progress
begin 'miniboss start'
await 'appdb +pinging \(' 'api +building step .*RUN' 'todo +pulling +[1-9][0-9] %'
picture progress 'miniboss start, while it pulls, builds and pings'
"${tmux[@]}" send-keys -t "main$terminals" C-c # the engine keeps nothing of the build
finish
