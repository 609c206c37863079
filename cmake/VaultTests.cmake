# What the specs need beyond vault.so, and checks of the build itself (ctest).
enable_testing()

if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/spec/support/internal.c")
  vault_add_module(vault_internal spec/support/internal.c spec/support/internal_core.c
                   spec/support/internal_connections.c spec/support/internal_memory.c spec/support/internal_redaction.c)
endif()

# Nothing but luaopen_* may leave the module or the archive. (Instrumented ones export their instruments too.)
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

# Every allocation of the module's refused in turn (spec/allocations/run). The linker's --wrap hands the module's calls over.
if(LUA_LIBRARY AND CMAKE_SYSTEM_NAME STREQUAL "Linux")
  add_executable(allocations EXCLUDE_FROM_ALL spec/allocations/harness.c spec/allocations/allocator.c spec/allocations/server.c)
  target_link_libraries(allocations PRIVATE vault_objects ${LUA_LIBRARY})
  foreach(call malloc calloc realloc free eventfd epoll_create1 pthread_create socket bind accept4 mkdtemp curl_global_init)
    target_link_options(allocations PRIVATE "-Wl,--wrap=${call}")
  endforeach()
endif()
