# Lua sources as C arrays: sluice_embed_lua(OUTPUT_VAR MODULES… SOURCES…) makes one C file a source and one table over all
# of them. Each is there twice, as text (packed) and compiled, which saves the program most of its start; error messages name real
# files and lines either way.
add_executable(embed_lua ${PROJECT_SOURCE_DIR}/core/cmake/embed_lua.c)
target_link_libraries(embed_lua PRIVATE PkgConfig::LUA PkgConfig::ZLIB)
set_target_properties(embed_lua PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})

# Adds MODULE (its name in `require`), read from SOURCE, shown in error messages as CHUNK.
function(sluice_embed_add module chunk source)
  string(MAKE_C_IDENTIFIER "lua_${module}" symbol)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded/${module}.c)
  add_custom_command(OUTPUT ${output}
    COMMAND embed_lua ${source} ${chunk} ${symbol} ${output}
    DEPENDS ${source} embed_lua COMMENT "embed ${module}" VERBATIM)
  set_property(GLOBAL APPEND PROPERTY SLUICE_EMBED_MODULES ${module})
  set_property(GLOBAL PROPERTY SLUICE_EMBED_${module} ${symbol} ${chunk} ${output})
endfunction()

# Writes the table, in the order of the modules' names, and sets `result` to all C files.
function(sluice_embed_finish result)
  get_property(modules GLOBAL PROPERTY SLUICE_EMBED_MODULES)
  list(SORT modules)
  foreach(module ${modules})
    get_property(module_data GLOBAL PROPERTY SLUICE_EMBED_${module})
    list(GET module_data 0 symbol)
    list(GET module_data 1 chunk)
    list(GET module_data 2 source)
    list(APPEND sources ${source})
    string(APPEND DECLARATIONS "extern const unsigned char ${symbol}[], ${symbol}_code[];\n"
      "extern const unsigned long ${symbol}_size, ${symbol}_length, ${symbol}_code_size;\n")
    string(APPEND ROWS "    {\"${module}\", \"@${chunk}\", ${symbol}, &${symbol}_size, &${symbol}_length,\n"
      "     ${symbol}_code, &${symbol}_code_size},\n")
  endforeach()
  list(LENGTH modules COUNT)
  set(table ${CMAKE_CURRENT_BINARY_DIR}/embedded/table.c)
  file(CONFIGURE OUTPUT ${table} @ONLY CONTENT
"#include \"host/embed.h\"

@DECLARATIONS@
const struct sl_embedded sl_embedded[] = {
@ROWS@    {0, 0, 0, 0, 0, 0, 0},
};
const unsigned long sl_embedded_count = @COUNT@;
")
  set(${result} ${sources} ${table} PARENT_SCOPE)
endfunction()
