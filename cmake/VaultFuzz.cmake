# The fuzz targets of spec/fuzz (libFuzzer, so with clang; spec/fuzz/run builds and runs them).
if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang" OR NOT LUA_LIBRARY)
  message(FATAL_ERROR "VAULT_BUILD_FUZZ needs clang and ${lua_label}'s library.")
endif()
target_compile_options(vault_options INTERFACE -fsanitize=fuzzer-no-link)
# An archive, so that a target can bring its own copy of a source file.
add_library(vault_fuzzed STATIC $<TARGET_OBJECTS:vault_objects>)

function(vault_add_fuzz_target name)
  add_executable(fuzz_${name} ${ARGN})
  set_target_properties(fuzz_${name} PROPERTIES OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY fuzz ENABLE_EXPORTS ON)
  target_include_directories(fuzz_${name} PRIVATE src spec/fuzz)
  target_include_directories(fuzz_${name} SYSTEM PRIVATE ${LUA_INCLUDE_DIR})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  target_link_libraries(fuzz_${name} PRIVATE vault_fuzzed vault_options ${LUA_LIBRARY} CURL::libcurl Threads::Threads
                                             ${VAULT_LIBM} ${CMAKE_DL_LIBS})
endfunction()

foreach(name headers retry url redaction)
  vault_add_fuzz_target(${name} spec/fuzz/${name}.c)
endforeach()
foreach(name response json request sandbox)
  vault_add_fuzz_target(${name} spec/fuzz/lua_target.c spec/support/internal.c spec/support/internal_core.c spec/support/internal_memory.c
                         spec/support/internal_connections.c spec/support/internal_redaction.c)
  target_compile_definitions(fuzz_${name} PRIVATE VAULT_FUZZ_SCRIPT="${CMAKE_CURRENT_SOURCE_DIR}/spec/fuzz/${name}.lua")
endforeach()
target_compile_definitions(fuzz_sandbox PRIVATE VAULT_FUZZ_LINES)
