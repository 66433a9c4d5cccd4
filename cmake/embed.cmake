# cmake -DFILES=a;b -DOUTPUT=x.c -P embed.cmake: files as arrays of bytes, for
# the table that isolate/runtime_files.h declares.

set(arrays "")
set(rows "")
set(count 0)
foreach(file IN LISTS FILES)
    file(READ "${file}" bytes HEX)
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
    get_filename_component(name "${file}" NAME)
    string(APPEND arrays "static const unsigned char file_${count}[] = {${bytes}};\n")
    string(APPEND rows "    { \"${name}\", file_${count}, sizeof(file_${count}) },\n")
    math(EXPR count "${count} + 1")
endforeach()
file(WRITE "${OUTPUT}" "#include \"isolate/runtime_files.h\"\n\n${arrays}\n"
     "const struct runtime_file runtime_files[] = {\n${rows}};\n"
     "const size_t runtime_files_count = ${count};\n")
