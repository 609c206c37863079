# cmake -DINPUT=script.lua -DOUTPUT=script.h -P embed_file.cmake: the file as an array of bytes, since compilers need not take
# string literals of more than 4095 characters (C11 5.2.4.1).
file(READ "${INPUT}" bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n    " bytes "${bytes}")
file(WRITE "${OUTPUT}" "static const unsigned char script_bytes[] = {\n    ${bytes}\n};\n")
