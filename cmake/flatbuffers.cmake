# muster_schema(<target> <file.fbs>): an interface library whose users get the generated header
# as "schemas/<file>_generated.h". Only codecs may include it.
function(muster_schema target schema)
  get_filename_component(name ${schema} NAME_WE)
  set(out ${PROJECT_BINARY_DIR}/generated/schemas)
  set(header ${out}/${name}_generated.h)
  set(binary ${out}/${name}.bfbs)
  add_custom_command(
    OUTPUT ${header} ${binary}
    COMMAND flatbuffers::flatc --cpp --scoped-enums --cpp-std c++17 --warnings-as-errors
            -o ${out} ${CMAKE_CURRENT_SOURCE_DIR}/${schema}
    COMMAND flatbuffers::flatc --binary --schema --bfbs-builtins --warnings-as-errors
            -o ${out} ${CMAKE_CURRENT_SOURCE_DIR}/${schema}
    DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${schema}
    COMMENT "Generating ${name}_generated.h"
    VERBATIM)
  add_custom_target(${target}_generate DEPENDS ${header} ${binary})
  add_library(${target} INTERFACE)
  add_dependencies(${target} ${target}_generate)
  target_include_directories(${target} SYSTEM INTERFACE ${PROJECT_BINARY_DIR}/generated)
  target_link_libraries(${target} INTERFACE flatbuffers::flatbuffers)
endfunction()
