# All compiler flags of the project live in this one INTERFACE target.
add_library(drift_compiler INTERFACE)
target_compile_features(drift_compiler INTERFACE cxx_std_20)
set(drift_warnings -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
    -Werror=return-type -Werror=unused-result)
target_compile_options(drift_compiler INTERFACE
  "$<$<CXX_COMPILER_ID:GNU,Clang,AppleClang>:${drift_warnings}>"
  $<$<CXX_COMPILER_ID:Clang,AppleClang>:-Wthread-safety>
  $<$<CXX_COMPILER_ID:MSVC>:/W4;/utf-8;/permissive->)
if(DRIFT_SANITIZE)
  target_compile_options(drift_compiler INTERFACE -fsanitize=${DRIFT_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(drift_compiler INTERFACE -fsanitize=${DRIFT_SANITIZE})
endif()
if(DRIFT_BUILD_FUZZERS)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "The fuzz targets need clang. On Debian: apt-get install clang libclang-rt-14-dev")
  endif()
  # libFuzzer's own main() comes only into the targets; the engine is built to tell it where it has been.
  target_compile_options(drift_compiler INTERFACE -fsanitize=fuzzer-no-link -fno-sanitize-recover=all)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang" AND NOT APPLE AND NOT WIN32)
  find_program(DRIFT_LLD NAMES ld.lld)
  if(DRIFT_LLD)
    target_link_options(drift_compiler INTERFACE -fuse-ld=lld)
  endif()
endif()
find_program(DRIFT_CCACHE ccache)
if(DRIFT_CCACHE)
  # Paths are hashed relative to the checkout, so that two checkouts share what they compiled. What uses precompiled
  # headers is kept too, by what they contain.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${DRIFT_CCACHE})
  target_compile_options(drift_compiler INTERFACE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endif()
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
