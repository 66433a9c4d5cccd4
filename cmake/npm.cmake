# What deploy/setup got from npm: the native TypeScript compiler and the
# TypeScript grammar (C sources) of tree-sitter.
#
# Sets TSC_DIR (tsc and its lib.*.d.ts); target tree_sitter_typescript.

file(GLOB TSC_DIR "${MCPFOLD_DEPS}/npm/node_modules/@typescript/typescript-linux-*/lib")
set(grammar_dir "${MCPFOLD_DEPS}/npm/node_modules/tree-sitter-typescript")
if(NOT EXISTS "${TSC_DIR}/tsc" OR NOT EXISTS "${grammar_dir}/typescript/src/parser.c")
    message(FATAL_ERROR "No TypeScript in ${MCPFOLD_DEPS}/npm: run deploy/setup first.")
endif()

# Static: the worker runs on the libraries of the V8 prefix alone.
pkg_check_modules(TREE_SITTER REQUIRED tree-sitter)
find_library(TREE_SITTER_ARCHIVE NAMES libtree-sitter.a HINTS ${TREE_SITTER_LIBRARY_DIRS} REQUIRED)
add_library(tree_sitter_typescript STATIC
    "${grammar_dir}/typescript/src/parser.c" "${grammar_dir}/typescript/src/scanner.c")
target_include_directories(tree_sitter_typescript PRIVATE "${grammar_dir}/typescript/src")
# Generated code, not ours to mend.
target_compile_options(tree_sitter_typescript PRIVATE -w)
target_link_libraries(tree_sitter_typescript PUBLIC "${TREE_SITTER_ARCHIVE}")
