# Lua sources as C arrays, in pure CMake, as they are: error messages then name real files and lines.
#
# As a module: sluice_embed_lua(OUTPUT_VAR MODULES… SOURCES…) makes one C file a source and one table over all of them.
# As a script (cmake -P): turns SOURCE into OUTPUT. Files are rewritten only when they change.
if(CMAKE_SCRIPT_MODE_FILE)
  file(READ ${SOURCE} bytes HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT
"const unsigned char @SYMBOL@[] = {
@bytes@0};
const unsigned long @SYMBOL@_size = sizeof @SYMBOL@ - 1;
")
  return()
endif()

set(EMBED_LUA_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

# Adds MODULE (its name in `require`), read from SOURCE, shown in error messages as CHUNK.
function(sluice_embed_add module chunk source)
  string(MAKE_C_IDENTIFIER "lua_${module}" symbol)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded/${module}.c)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -D SOURCE=${source} -D OUTPUT=${output} -D SYMBOL=${symbol} -P ${EMBED_LUA_SCRIPT}
    DEPENDS ${source} ${EMBED_LUA_SCRIPT} COMMENT "embed ${module}" VERBATIM)
  set_property(GLOBAL APPEND PROPERTY SLUICE_EMBED_SOURCES ${output})
  set_property(GLOBAL APPEND_STRING PROPERTY SLUICE_EMBED_DECLARATIONS
    "extern const unsigned char ${symbol}[];\nextern const unsigned long ${symbol}_size;\n")
  set_property(GLOBAL APPEND_STRING PROPERTY SLUICE_EMBED_ROWS
    "    {\"${module}\", \"@${chunk}\", ${symbol}, &${symbol}_size},\n")
endfunction()

# Writes the table and sets `result` to all C files.
function(sluice_embed_finish result)
  get_property(SOURCES GLOBAL PROPERTY SLUICE_EMBED_SOURCES)
  get_property(DECLARATIONS GLOBAL PROPERTY SLUICE_EMBED_DECLARATIONS)
  get_property(ROWS GLOBAL PROPERTY SLUICE_EMBED_ROWS)
  set(table ${CMAKE_CURRENT_BINARY_DIR}/embedded/table.c)
  file(CONFIGURE OUTPUT ${table} @ONLY CONTENT
"#include \"host/embed.h\"

@DECLARATIONS@
const struct sl_embedded sl_embedded[] = {
@ROWS@    {0, 0, 0, 0},
};
")
  set(${result} ${SOURCES} ${table} PARENT_SCOPE)
endfunction()
