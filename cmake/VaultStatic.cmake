# libvault.a, for programs that link the module in and preload it (src/vault.h).

# An archive has no visibility: every extern name would be visible to the host's linker, and names such as "buffer_append"
# could clash. So the objects are joined into one, in which only luaopen_* is global.
set(joined "${CMAKE_CURRENT_BINARY_DIR}/vault_joined.o")
set(join "${CMAKE_C_COMPILER}" -r -nostdlib -o "${joined}" "$<TARGET_OBJECTS:vault_objects>")
if(APPLE)
  set(localize -Wl,-exported_symbol,_luaopen_*)
  add_custom_command(
    OUTPUT "${joined}"
    COMMAND ${join} ${localize}
    DEPENDS vault_objects "$<TARGET_OBJECTS:vault_objects>"
    COMMAND_EXPAND_LISTS VERBATIM)
  add_library(vault_static STATIC "${joined}")
elseif(CMAKE_OBJCOPY AND CMAKE_C_COMPILER_ID MATCHES "GNU|Clang" AND NOT WIN32)
  add_custom_command(
    OUTPUT "${joined}"
    COMMAND ${join}
    COMMAND "${CMAKE_OBJCOPY}" --localize-hidden "${joined}"
    DEPENDS vault_objects "$<TARGET_OBJECTS:vault_objects>"
    COMMAND_EXPAND_LISTS VERBATIM)
  add_library(vault_static STATIC "${joined}")
else()
  add_library(vault_static STATIC $<TARGET_OBJECTS:vault_objects>)
endif()
set_target_properties(vault_static PROPERTIES OUTPUT_NAME $<IF:$<BOOL:${MSVC}>,vault_static,vault> LINKER_LANGUAGE C
                                              EXPORT_NAME vault)
# Installed, it leaves Lua to the program: where its headers are differs from machine to machine.
target_include_directories(vault_static INTERFACE "$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/src>")
target_include_directories(vault_static SYSTEM INTERFACE "$<BUILD_INTERFACE:${LUA_INCLUDE_DIR}>")
target_link_libraries(vault_static INTERFACE CURL::libcurl Threads::Threads ${VAULT_LIBM} ${VAULT_SOCKETS} ${CMAKE_DL_LIBS})
if(VAULT_SANITIZE OR VAULT_COVERAGE)
  target_link_libraries(vault_static INTERFACE "$<BUILD_INTERFACE:vault_options>")
endif()
# The name that find_package(vault) gives it.
add_library(vault::vault ALIAS vault_static)

# Relative to the directory of vault.pc, so that the installed tree can be moved.
file(RELATIVE_PATH VAULT_PC_TO_PREFIX "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
set(VAULT_PC_DL "")
if(CMAKE_DL_LIBS)
  set(VAULT_PC_DL "-l${CMAKE_DL_LIBS}")
endif()
configure_file(cmake/vault.pc.in "${CMAKE_CURRENT_BINARY_DIR}/vault.pc" @ONLY)
install(
  TARGETS vault_static
  EXPORT vault
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development
  INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(FILES src/vault.h DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT development)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/vault.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT development)

# find_package(vault)
include(CMakePackageConfigHelpers)
set(VAULT_CMAKEDIR "${CMAKE_INSTALL_LIBDIR}/cmake/vault")
configure_package_config_file(cmake/vaultConfig.cmake.in "${CMAKE_CURRENT_BINARY_DIR}/vaultConfig.cmake"
                              INSTALL_DESTINATION "${VAULT_CMAKEDIR}" NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/vaultConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(EXPORT vault NAMESPACE vault:: FILE vaultTargets.cmake DESTINATION "${VAULT_CMAKEDIR}" COMPONENT development)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/vaultConfig.cmake" "${CMAKE_CURRENT_BINARY_DIR}/vaultConfigVersion.cmake"
        DESTINATION "${VAULT_CMAKEDIR}" COMPONENT development)
