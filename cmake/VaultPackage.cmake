# cpack in the build directory makes a Debian package of the module for one Lua: vault.so, the Lua files, documentation.
# It has to be configured with -DCMAKE_INSTALL_PREFIX=/usr, as the preset "deb" does.
set(VAULT_DEB_NAME "lua${LUA_ABI}-apideck-vault")
install(FILES README.md CHANGELOG.md lua/vault/REFERENCE.md DESTINATION "share/doc/${VAULT_DEB_NAME}"
        COMPONENT documentation EXCLUDE_FROM_ALL)
install(FILES LICENSE DESTINATION "share/doc/${VAULT_DEB_NAME}" RENAME copyright COMPONENT documentation EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL module documentation)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGING_INSTALL_PREFIX "${CMAKE_INSTALL_PREFIX}")
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_CONTACT "apideck-vault maintainers <maintainers@apideck-vault.invalid>")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_NAME "${VAULT_DEB_NAME}")
set(CPACK_DEBIAN_PACKAGE_SECTION interpreters)
set(CPACK_PACKAGE_DESCRIPTION "Lists, reads, changes, imports, migrates and deletes connections, from ${lua_label}.")
# libcurl and libc, in the versions whose symbols the build uses.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# The sandbox needs lua-cjson, and lua-http to be a server.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "lua-cjson, ca-certificates")
if(LUA_ABI STREQUAL "5.1")
  set(CPACK_DEBIAN_PACKAGE_SUGGESTS "lua5.1 | luajit | luajit2, lua-http")
else()
  set(CPACK_DEBIAN_PACKAGE_SUGGESTS "lua${LUA_ABI}, lua-http")
endif()
include(CPack)
