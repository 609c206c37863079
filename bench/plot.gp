# Draws results.svg from the *.dat files of the report: gnuplot -e "directory='...'" plot.gp
set terminal svg size 1000,1150 dynamic noenhanced font "sans-serif,13" background rgb "white"
set output directory."/results.svg"
set datafile separator "\t"
set datafile missing "NaN"
set key outside right top
set border 3
set tics nomirror
set grid ytics lc rgb "#dddddd"
set logscale y
set format y "%.0s%c"

# The first line of a file has the names; a competitor has the same colour in each panel.
columns(file) = int(system(sprintf("head -n 1 '%s' | tr '\\t' '\\n' | wc -l", file)))
name(file, i) = system(sprintf("head -n 1 '%s' | cut -f %d", file, i))
colour(competitor) = competitor eq "libcurl" ? 0xbbbbbb : competitor eq "C + cjson" ? 0x777777 : competitor eq "vault 5.4" ? 0x1f5fc4 : \
  competitor eq "vault JIT" ? 0x79b4f2 : competitor eq "lua-curl" ? 0x6aa84f : competitor eq "lua-http" ? 0xf1b434 : \
  competitor eq "LuaSocket" ? 0xa678c8 : 0xcc3311

set multiplot layout 3,1
set ylabel "microseconds a call (log)"
set style data histograms
set style histogram clustered gap 1
set style fill solid 1 noborder

file = directory."/calls.dat"
set title "One call after another, HTTP/1.1, no TLS: less is better"
plot for [i=2:columns(file)] file using i:xtic(1) every ::1 lc rgb colour(name(file, i)) title name(file, i)

file = directory."/concurrent.dat"
set title "Many gets at once, HTTP/1.1, no TLS: less is better"
set xlabel "in flight"
plot for [i=2:columns(file)] file using i:xtic(1) every ::1 lc rgb colour(name(file, i)) title name(file, i)

file = directory."/sizes.dat"
set title "As the response grows"
set xlabel "KB in the response (log)"
set logscale x 2
set xrange [0.9:4600]
set xtics (1, 4, 16, 64, 256, 1024, 4096)
plot for [i=2:columns(file)] file using 1:i every ::1 with linespoints lw 2 pt 7 ps 0.6 lc rgb colour(name(file, i)) \
  title name(file, i)
