# Other programs of the specs, and checks of the build (ctest).
enable_testing()

if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/spec/support/internal.c")
  vault_add_module(vault_internal spec/support/internal.c spec/support/internal_core.c
                   spec/support/internal_connections.c spec/support/internal_memory.c spec/support/internal_redaction.c)
endif()

# The module and the archive may export luaopen_* only. (Instrumented builds also export their runtime.)
if(CMAKE_NM AND NOT WIN32 AND NOT VAULT_SANITIZE AND NOT VAULT_COVERAGE)
  foreach(target ${VAULT_LIBRARIES})
    add_test(NAME exports_of_${target}
             COMMAND "${CMAKE_COMMAND}" "-DNM=${CMAKE_NM}" "-DAPPLE=${APPLE}" "-DFILE=$<TARGET_FILE:${target}>" -P
                     "${CMAKE_CURRENT_SOURCE_DIR}/cmake/CheckExports.cmake")
  endforeach()
endif()

# A program with the module linked in.
if(LUA_LIBRARY AND VAULT_BUILD_STATIC)
  add_executable(embedding_example examples/embedding.c)
  target_link_libraries(embedding_example PRIVATE vault_options vault_static ${LUA_LIBRARY} ${CMAKE_DL_LIBS})
  add_test(NAME embedding_example COMMAND embedding_example)
endif()

# Many states on many threads (spec/many_states_spec.lua).
if(LUA_LIBRARY AND VAULT_ENGINE)
  add_executable(many_states spec/support/many_states.c)
  target_link_libraries(many_states PRIVATE vault_objects ${LUA_LIBRARY} ${CMAKE_DL_LIBS})
endif()

# Lets every allocation of the module fail in turn (spec/allocations/run), by the linker's --wrap.
if(LUA_LIBRARY AND CMAKE_SYSTEM_NAME STREQUAL "Linux")
  add_executable(allocations EXCLUDE_FROM_ALL spec/allocations/harness.c spec/allocations/allocator.c spec/allocations/server.c)
  target_link_libraries(allocations PRIVATE vault_objects ${LUA_LIBRARY})
  foreach(call malloc calloc realloc free eventfd epoll_create1 pthread_create socket bind accept4 mkdtemp curl_global_init)
    target_link_options(allocations PRIVATE "-Wl,--wrap=${call}")
  endforeach()
endif()
