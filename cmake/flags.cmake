# Compiler settings that hold for the whole tree.

option(MCPFOLD_WERROR "Treat warnings as errors" OFF)
set(MCPFOLD_SANITIZE "" CACHE STRING "Sanitizers for all C code, for example address,undefined")
option(MCPFOLD_FUZZ "Build the fuzzers with libFuzzer (clang only)" OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Build type" FORCE)
endif()

add_compile_options(
    $<$<COMPILE_LANGUAGE:C>:-Wall> $<$<COMPILE_LANGUAGE:C>:-Wextra> $<$<COMPILE_LANGUAGE:C>:-Wshadow>
    $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes> $<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>
    $<$<COMPILE_LANGUAGE:C>:-Wpointer-arith> $<$<COMPILE_LANGUAGE:C>:-Wcast-qual>
    $<$<COMPILE_LANGUAGE:C>:-Wwrite-strings> $<$<COMPILE_LANGUAGE:C>:-Wformat=2>
    $<$<COMPILE_LANGUAGE:C>:-Wundef> $<$<COMPILE_LANGUAGE:C>:-Wvla> $<$<COMPILE_LANGUAGE:C>:-Wconversion>
    $<$<COMPILE_LANGUAGE:C>:-Wswitch-enum> $<$<COMPILE_LANGUAGE:C>:-Wimplicit-fallthrough>)
if(CMAKE_C_COMPILER_ID STREQUAL "Clang")
    # gcc's -Wconversion for C leaves it out.
    add_compile_options($<$<COMPILE_LANGUAGE:C>:-Wno-sign-conversion>)
endif()
if(MCPFOLD_WERROR)
    add_compile_options(-Werror)
endif()

add_compile_options(-fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection
                    -fno-omit-frame-pointer "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=")
add_link_options(-pie -Wl,-z,relro,-z,now)
if(MCPFOLD_SANITIZE)
    add_compile_options(-fsanitize=${MCPFOLD_SANITIZE} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${MCPFOLD_SANITIZE})
else()
    add_compile_options($<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)
endif()
if(MCPFOLD_FUZZ)
    # libFuzzer steers by the coverage of the code under test.
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
add_compile_definitions(_GNU_SOURCE)

# mcpfold_library(NAME SOURCES... DEPS...): one folder, one static library.
function(mcpfold_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
    add_library(${name} STATIC ${ARG_SOURCES})
    target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}")
    target_link_libraries(${name} PUBLIC ${ARG_DEPS})
endfunction()

# mcpfold_filters(HEADER TABLE FILE NAMES NAME...): the finished system call filters of a table, as a
# header in the folder that asks for it (base/filter_generator.c).
function(mcpfold_filters header)
    cmake_parse_arguments(ARG "" "TABLE" "NAMES" ${ARGN})
    get_filename_component(generator "${header}" NAME_WE)
    string(APPEND generator "_generator")
    add_executable(${generator} "${PROJECT_SOURCE_DIR}/base/filter_generator.c")
    target_include_directories(${generator} PRIVATE "${PROJECT_SOURCE_DIR}")
    target_compile_definitions(${generator} PRIVATE FILTER_TABLE="${ARG_TABLE}")
    target_link_libraries(${generator} PRIVATE PkgConfig::SECCOMP)
    set_target_properties(${generator} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}")
    add_custom_command(OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/${header}"
        COMMAND ${generator} ${ARG_NAMES} > "${CMAKE_CURRENT_BINARY_DIR}/${header}"
        DEPENDS ${generator} "${PROJECT_SOURCE_DIR}/${ARG_TABLE}"
        COMMENT "Making the system call filters of ${ARG_TABLE}" VERBATIM)
endfunction()
