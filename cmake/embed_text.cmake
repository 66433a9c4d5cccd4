# mcpfold_embed_text(TARGET FILE SYMBOL): the bytes of a file as `const unsigned char SYMBOL[]`
# (terminated) and `const size_t SYMBOL_len`, of a C source made at build time.  This file is also
# the script that makes it.
if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
    file(READ "${INPUT}" bytes HEX)
    string(LENGTH "${bytes}" digits)
    math(EXPR len "${digits} / 2")
    string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    file(WRITE "${OUTPUT}"
         "#include <stddef.h>\n\n"
         "extern const unsigned char ${SYMBOL}[];\nextern const size_t ${SYMBOL}_len;\n\n"
         "const unsigned char ${SYMBOL}[] = {\n${bytes}\n0x00 };\n"
         "const size_t ${SYMBOL}_len = ${len};\n")
    return()
endif()

set(MCPFOLD_EMBED_TEXT_SCRIPT "${CMAKE_CURRENT_LIST_FILE}")
function(mcpfold_embed_text target file symbol)
    set(output "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.c")
    set(input "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
    add_custom_command(
        OUTPUT "${output}"
        COMMAND "${CMAKE_COMMAND}" "-DINPUT=${input}" "-DOUTPUT=${output}" "-DSYMBOL=${symbol}"
                -P "${MCPFOLD_EMBED_TEXT_SCRIPT}"
        DEPENDS "${input}" "${MCPFOLD_EMBED_TEXT_SCRIPT}"
        VERBATIM)
    target_sources(${target} PRIVATE "${output}")
endfunction()
