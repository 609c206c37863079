# The programs of bench/.
if(NOT LUA_LIBRARY)
  message(FATAL_ERROR "VAULT_BUILD_BENCH needs ${lua_label}'s library, to link it into a program.")
endif()
add_executable(bench_driver bench/driver.c)
file(GLOB competitor_sources CONFIGURE_DEPENDS bench/competitors/*.c)
add_executable(bench_libcurl ${competitor_sources})
target_include_directories(bench_libcurl SYSTEM PRIVATE ${LUA_INCLUDE_DIR})
target_link_libraries(bench_libcurl PRIVATE CURL::libcurl ${LUA_LIBRARY} ${VAULT_LIBM} ${CMAKE_DL_LIBS})
# Exports Lua's API for cjson, which the program loads.
set_target_properties(bench_libcurl PROPERTIES ENABLE_EXPORTS ON)
foreach(program driver libcurl)
  set_target_properties(bench_${program} PROPERTIES OUTPUT_NAME ${program} RUNTIME_OUTPUT_DIRECTORY bench)
  target_link_libraries(bench_${program} PRIVATE vault_options)
endforeach()
# Preloaded into the competitors; glibc's names of the functions that it replaces start with an underscore.
add_library(bench_allocations MODULE bench/allocations.c)
set_target_properties(bench_allocations PROPERTIES PREFIX "" OUTPUT_NAME allocations LIBRARY_OUTPUT_DIRECTORY bench)
target_link_libraries(bench_allocations PRIVATE vault_options ${CMAKE_DL_LIBS})
