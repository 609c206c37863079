# vault_embed(FILE VARIABLE): makes a header <VARIABLE>.h that has the text of FILE as a string, and sources include it as "embedded/<VARIABLE>.h".
function(vault_embed file variable)
  file(READ "${CMAKE_CURRENT_SOURCE_DIR}/${file}" text HEX)
  string(REGEX REPLACE "(..)" "0x\\1, " bytes "${text}")
  set(header "${CMAKE_CURRENT_BINARY_DIR}/embedded/${variable}.h")
  set(content "/* Made from ${file}. */\nstatic const char ${variable}[] = {${bytes}0};\n")
  file(CONFIGURE OUTPUT "${header}" CONTENT "${content}" @ONLY) # written only when it changes
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
endfunction()
