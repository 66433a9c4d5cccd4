# Library engine_v8: the engine, and the runtime's JavaScript as bytes.  A
# program that links it starts through the loader of the V8 prefix.

set(runtime_c "${CMAKE_CURRENT_BINARY_DIR}/runtime_files.c")
file(GLOB runtime_paths CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/runtime/*.js")
add_custom_command(OUTPUT "${runtime_c}"
    COMMAND "${CMAKE_COMMAND}" "-DFILES=${runtime_paths}" "-DOUTPUT=${runtime_c}"
            -P "${PROJECT_SOURCE_DIR}/cmake/embed.cmake"
    DEPENDS ${runtime_paths} "${PROJECT_SOURCE_DIR}/cmake/embed.cmake"
    COMMENT "Embedding the runtime's JavaScript" VERBATIM)

# An object library: fork_memory.c and heap_region.c must be in the program although no file of ours
# calls them.
add_library(engine_v8 OBJECT
    engine_v8.cc engine_v8_memory.cc engine_v8_modules.cc engine_v8_natives.cc
    engine_v8_places.cc engine_v8_warm.cc fork_memory.c heap_region.c
    "${runtime_c}")
target_include_directories(engine_v8 PUBLIC "${PROJECT_SOURCE_DIR}")
target_compile_options(engine_v8 PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra>)
target_link_libraries(engine_v8 PUBLIC v8 base)
