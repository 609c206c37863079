# Sourced by bench/run: one function for each kind of measurement. Samples go to samples.csv, counts to figures.csv.
# shellcheck shell=bash disable=SC2154

# chosen row,...: those of the rows that are chosen on the command line.
chosen() {
  local row wanted=""
  for row in ${1//,/ }; do
    case ,${rows:-$row}, in *",$row,"*) wanted=$wanted,$row ;; esac
  done
  say "${wanted#,}"
}
wants_any() { [ -n "$(chosen "$1")" ]; }

# plan row,...: of the competitors for these rows.
plan() { (rows=$(chosen "$1") && add_competitors); }

driver() { "$out/5.4/bench/driver" "$@" "$scratch/plan" >>"$out/samples.csv"; }

# Sets the processors of the server, and of processes that start after this.
last_processor=$(($(getconf _NPROCESSORS_ONLN) - 1))
set_processors() {
  local process
  for process in $$ "$server" $(cat "/proc/$server/task/$server/children"); do
    taskset -pc "$1" "$process" >/dev/null
  done
}
# Client and server take turns in most rows: on one processor no idle processor has to wake up, which causes most of the noise
# on a virtual machine.
use_one_processor() { set_processors "$last_processor"; }
use_all_processors() { set_processors "0-$last_processor"; }

measure_blocking() {
  say "measuring calls one after the other"
  plan "$blocking_rows,$size_rows"
  use_one_processor
  driver warm "$rounds" "$milliseconds"
}

measure_concurrent() {
  say "measuring concurrent calls"
  plan "$concurrent_rows"
  use_all_processors
  driver warm "$rounds" "$milliseconds"
}

measure_cold_start() {
  say "measuring cold starts"
  plan cold_start
  use_one_processor
  driver fresh "$rounds" cold_start get 1
}

# Peaks vary little: few rounds are enough.
measure_memory() {
  say "measuring memory"
  plan memory_get,memory_list_200,memory_concurrent_256
  use_all_processors
  driver fresh 3 memory_get get $((40 * milliseconds)) || return 1
  driver fresh 3 memory_list_200 list_200 "$milliseconds" || return 1
  driver fresh 3 memory_concurrent_256 concurrent_256 $((80 * milliseconds))
}

measure_growth_with_calls() {
  local calls
  say "measuring how cost grows with the number of calls"
  use_one_processor
  for calls in 100 1000 10000 100000 1000000; do
    [ "$calls" -le "$most_calls" ] || break
    plan calls
    sed -i "s/\tcalls\t/\tcalls_$calls\t/" "$scratch/plan"
    driver fresh 3 "calls_$calls" get "$calls" || return 1
  done
}

# count_by measure row calls: for each competitor in C and the module, what the function `measure` counts in three times as many calls
# less what it counts in so many: start, connecting and warming up are not in it. `measure` is given a competitor's words from the
# plan and the work on its input, and prints lines "what count".
count_by() {
  local measure=$1 row=$2 calls=$3 fields what fewer more
  plan "$row"
  while IFS=$'\t' read -ra fields; do
    case ${fields[0]}/${fields[1]} in plain/libcurl | plain/"C + cjson" | plain/vault*) ;; *) continue ;; esac
    printf '%s %d\n' "$row" "$calls" | "$measure" "${fields[@]:3}" | sort >"$scratch/fewer"
    printf '%s %d\n' "$row" $((3 * calls)) | "$measure" "${fields[@]:3}" | sort >"$scratch/more"
    while read -r what fewer more; do
      awk -v row="$row" -v competitor="${fields[1]}" -v what="$what" -v count=$((more - fewer)) -v calls=$((2 * calls)) \
        'BEGIN { printf "plain,%s,%s,%s,%.2f\n", row, competitor, what, count / calls }' >>"$out/figures.csv"
    done < <(join -a 2 -e 0 -o 0,1.2,2.2 "$scratch/fewer" "$scratch/more")
  done <"$scratch/plan"
}

# split_words words...: sets settings, command.
split_words() {
  settings=()
  while [[ $1 == *=* ]]; do
    settings+=("$1")
    shift
  done
  command=("$@")
}

# Without the kernel's instructions.
count_instructions() {
  local settings command
  split_words "$@"
  env "${settings[@]}" valgrind --tool=callgrind --callgrind-out-file=/dev/null "${command[@]}" 2>&1 >/dev/null |
    sed -n 's/.*Collected : /instructions /p'
}

measure_instructions() {
  local row
  say "counting instructions"
  command -v valgrind >/dev/null || { say "no valgrind: left out" && return; }
  for row in ${blocking_rows//,/ }; do
    case $row in
      list_200) count_by count_instructions "$row" 3 ;;
      list_20) count_by count_instructions "$row" 10 ;;
      *) count_by count_instructions "$row" 40 ;;
    esac
  done
}

count_allocations() {
  local settings command
  split_words "$@"
  env "${settings[@]}" LD_PRELOAD="$out/5.4/bench/allocations.so" BENCH_ALLOCATIONS="$scratch/allocations" \
    "${command[@]}" >/dev/null
  awk '{ count[$1] += $2 } END { for (name in count) print "allocations:" name, count[name] }' "$scratch/allocations"
}

measure_allocations() {
  local row
  say "counting allocations"
  for row in ${blocking_rows//,/ }; do
    count_by count_allocations "$row" 200
  done
}

measure_nginx() {
  say "measuring inside nginx"
  if ! command -v wrk >/dev/null || ! command -v luajit >/dev/null ||
    [ ! -e /usr/lib/nginx/modules/ngx_http_lua_module.so ]; then
    say "no wrk, LuaJIT or Lua in nginx: left out"
    return
  fi
  use_all_processors
  bench/nginx/run --module "$out/jit" --rounds 3 --seconds 4 --figures "$out/figures.csv" >"$out/nginx.log"
}
