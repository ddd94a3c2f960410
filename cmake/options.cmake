# What every target of ours is compiled with: link muster_options PRIVATE.
set(MUSTER_SANITIZE "" CACHE STRING "Sanitizers for all targets, e.g. address,undefined or thread")

# What a foreign program loads links muster_unsanitized instead: it lacks the sanitizers' runtime.
add_library(muster_unsanitized INTERFACE)
target_include_directories(muster_unsanitized INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(muster_unsanitized INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror
  # Designated initializers leave out what has its default on purpose; g++ 12 warns all the same.
  -Wno-missing-field-initializers)

add_library(muster_options INTERFACE)
target_link_libraries(muster_options INTERFACE muster_unsanitized)
if(MUSTER_SANITIZE)
  target_compile_options(muster_options INTERFACE
    -fsanitize=${MUSTER_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(muster_options INTERFACE -fsanitize=${MUSTER_SANITIZE})
endif()

find_program(MUSTER_CCACHE ccache)
if(MUSTER_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${MUSTER_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${MUSTER_CCACHE})
endif()
