# Where things go, in the build tree and installed.  The programs find their
# parts relative to themselves (proxy/paths.c), so a prefix can be moved.
#
#   installed                            build tree
#   bin/mcpfold                          mcpfold
#   libexec/mcpfold/mcpfold-isolate      mcpfold-isolate
#   lib/mcpfold/v8/                      lib/mcpfold/v8          (a link)
#   lib/mcpfold/typescript/              lib/mcpfold/typescript  (a link)

file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/lib/mcpfold")
file(CREATE_LINK "${V8_LIB_DIR}" "${CMAKE_BINARY_DIR}/lib/mcpfold/v8" SYMBOLIC)
file(CREATE_LINK "${TSC_DIR}" "${CMAKE_BINARY_DIR}/lib/mcpfold/typescript" SYMBOLIC)

install(TARGETS mcpfold RUNTIME DESTINATION bin)
install(TARGETS mcpfold-isolate RUNTIME DESTINATION libexec/mcpfold)
install(DIRECTORY "${V8_LIB_DIR}/" DESTINATION lib/mcpfold/v8 USE_SOURCE_PERMISSIONS)
install(PROGRAMS "${TSC_DIR}/tsc" DESTINATION lib/mcpfold/typescript)
# A script sees the language's own library, never a browser's; the compiler
# won't start where there is no lib.d.ts.
file(GLOB tsc_libraries "${TSC_DIR}/lib.d.ts" "${TSC_DIR}/lib.es*.d.ts" "${TSC_DIR}/lib.decorators*.d.ts")
install(FILES ${tsc_libraries} DESTINATION lib/mcpfold/typescript)

install(FILES LICENSE DESTINATION share/doc/mcpfold)
install(DIRECTORY "${MCPFOLD_DEPS}/v8/licences/" DESTINATION share/doc/mcpfold/licences/v8)
file(GLOB tsc_licences "${TSC_DIR}/../LICENSE*" "${TSC_DIR}/../NOTICE*")
install(FILES ${tsc_licences} DESTINATION share/doc/mcpfold/licences/typescript)
install(FILES "${MCPFOLD_DEPS}/npm/node_modules/tree-sitter-typescript/LICENSE"
        DESTINATION share/doc/mcpfold/licences/tree-sitter-typescript)
install(DIRECTORY deploy/examples DESTINATION share/mcpfold OPTIONAL)
