# Sourced by bench/run: one function for each kind of measurement. Samples go to samples.csv, counts to figures.csv.
# shellcheck shell=bash disable=SC2154

# chosen row,...: those of them that were asked for.
chosen() {
  local row wanted=""
  for row in ${1//,/ }; do
    case ,${rows:-$row}, in *",$row,"*) wanted=$wanted,$row ;; esac
  done
  say "${wanted#,}"
}
wants_any() { [ -n "$(chosen "$1")" ]; }

# on_processors list command...: the command and the server.
on_processors() {
  local list=$1 process
  shift
  for process in "$server" $(pgrep -P "$server"); do
    taskset -pc "$list" "$process" >/dev/null
  done
  taskset -c "$list" "$@"
}
all_processors=0-$(($(getconf _NPROCESSORS_ONLN) - 1))

# warm processors row,...
warm() {
  say "measuring $2"
  : >"$scratch/plan"
  (rows=$(chosen "$2") && add_rivals)
  on_processors "$1" "$out/5.4/bench/driver" warm "$rounds" "$milliseconds" "$scratch/plan" >>"$out/samples.csv"
}

# Client and server take turns in these. On one processor neither has to be woken on an idle one, which on a virtual
# machine is most of the noise.
measure_blocking() { warm "${all_processors#*-}" "$blocking_rows"; }
measure_concurrent() { warm "$all_processors" "$concurrent_rows"; }

# run_counted words...: a rival's words from the plan, under the command in the array `under`; reads the work from its input.
run_counted() {
  local settings=()
  while [[ $1 == *=* ]]; do
    settings+=("$1")
    shift
  done
  env "${settings[@]}" "${under[@]}" "$@"
}

# Callgrind's count of so many calls less that of fewer, so that start, connecting and warming up are not in it. What the
# kernel does is not counted.
measure_instructions() {
  local fields row calls count less under=(valgrind --tool=callgrind --callgrind-out-file=/dev/null)
  say "counting instructions"
  : >"$scratch/plan"
  (rows=$blocking_rows && add_rivals)
  while IFS=$'\t' read -ra fields; do
    [ "${fields[0]}" = plain ] || continue
    for row in get list_20 list_200 update import; do
      calls=100
      [ "$row" != list_200 ] || calls=10
      less=0
      for count in "$calls" $((3 * calls)); do
        printf '%s %d\n' "$row" "$count" | run_counted "${fields[@]:3}" 2>"$scratch/callgrind" >/dev/null || return 1
        count=$(sed -n 's/.*Collected : //p' "$scratch/callgrind")
        [ "$less" -ne 0 ] || { less=$count && continue; }
        printf 'plain,%s,%s,instructions,%d\n' "$row" "${fields[1]}" $(((count - less) / (2 * calls))) >>"$out/figures.csv"
      done
    done
  done <"$scratch/plan"
}
