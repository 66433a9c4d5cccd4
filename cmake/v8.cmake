# V8, from the private prefix that deploy/v8-prefix makes.
#
# Target v8: headers, and the flags to link against that library although it
# was built for a newer libc than this machine's.  A program that links it is
# started by the loader of the prefix:
#   V8_LOADER --inhibit-cache --library-path V8_LIB_DIR program arguments...
#
# Sets MCPFOLD_DEPS (the folder of what deploy/setup downloaded), V8_LIB_DIR,
# V8_LOADER, V8_VERSION.

if(NOT MCPFOLD_DEPS)
    if(DEFINED ENV{MCPFOLD_DEPS})
        set(MCPFOLD_DEPS "$ENV{MCPFOLD_DEPS}")
    else()
        set(MCPFOLD_DEPS "${PROJECT_SOURCE_DIR}/.deps")
    endif()
endif()
get_filename_component(MCPFOLD_DEPS "${MCPFOLD_DEPS}" ABSOLUTE BASE_DIR "${PROJECT_SOURCE_DIR}")

set(V8_LIB_DIR "${MCPFOLD_DEPS}/v8/lib")
file(GLOB v8_library "${V8_LIB_DIR}/libnode.so.*")
file(GLOB V8_LOADER "${V8_LIB_DIR}/ld-linux*.so.*")
if(NOT v8_library OR NOT V8_LOADER)
    message(FATAL_ERROR "No V8 in ${MCPFOLD_DEPS}/v8: run deploy/setup first (it reads the same "
                        "MCPFOLD_DEPS), or configure with -DMCPFOLD_DEPS=FOLDER.")
endif()
get_filename_component(v8_soname "${v8_library}" NAME)

# g++ 12 takes gnu++20 for every V8 the prefix may hold; 13.6 refuses less.
add_library(v8 INTERFACE)
target_include_directories(v8 SYSTEM INTERFACE "${MCPFOLD_DEPS}/v8/include")
target_compile_features(v8 INTERFACE cxx_std_20)
target_compile_options(v8 INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti> $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>)
# As Node builds it: the size of a promise is part of the library's interface.
target_compile_definitions(v8 INTERFACE V8_PROMISE_INTERNAL_FIELD_COUNT=1)
target_link_options(v8 INTERFACE -Wl,--allow-shlib-undefined)
target_link_directories(v8 INTERFACE "${V8_LIB_DIR}")
target_link_libraries(v8 INTERFACE "-l:${v8_soname}")

file(STRINGS "${MCPFOLD_DEPS}/v8/include/v8-version.h" v8_numbers
     REGEX "define V8_(MAJOR_VERSION|MINOR_VERSION|BUILD_NUMBER|PATCH_LEVEL) ")
list(TRANSFORM v8_numbers REPLACE ".* ([0-9]+)$" "\\1")
list(JOIN v8_numbers "." V8_VERSION)
message(STATUS "V8 ${V8_VERSION} from ${v8_soname} in ${MCPFOLD_DEPS}/v8")
