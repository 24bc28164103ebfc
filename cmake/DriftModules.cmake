# One folder, one target: add_module(NAME <folder> DEPENDS <modules> SOURCES <files> LIBS <targets>).
#
# DEPENDS is the list of arrows that tests/layers compares with every #include of the folder, so a
# header can be used only when the arrow is declared. GUI modules also pass QT <components>.

function(add_module)
  cmake_parse_arguments(ARG "" "NAME" "DEPENDS;SOURCES;LIBS;PRIVATE_LIBS;QT" ${ARGN})
  set(target drift_${ARG_NAME})
  if(ARG_SOURCES)
    add_library(${target} STATIC ${ARG_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE drift_compiler ${ARG_PRIVATE_LIBS})
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  get_filename_component(root ${CMAKE_CURRENT_SOURCE_DIR} DIRECTORY)
  target_include_directories(${target} ${scope} ${root})
  target_compile_features(${target} ${scope} cxx_std_20)
  foreach(dependency IN LISTS ARG_DEPENDS)
    target_link_libraries(${target} ${scope} drift_${dependency})
  endforeach()
  target_link_libraries(${target} ${scope} ${ARG_LIBS})
  if(ARG_QT)
    set_target_properties(${target} PROPERTIES AUTOMOC ON)
    foreach(component IN LISTS ARG_QT)
      target_link_libraries(${target} ${scope} Qt6::${component})
    endforeach()
  endif()
endfunction()

# <QtTest> is most of what a test of the engine compiles, so the first test precompiles it for the others. Tests of
# the application see other parts of it, as their Qt modules decide, and include it themselves.
function(share_test_headers TARGET)
  if(CMAKE_CURRENT_SOURCE_DIR MATCHES "/tests/gui" OR MSVC)
    return()
  endif()
  # Qt tells each test its folder in a macro; one that differs would spoil the sharing, and no test reads it.
  target_compile_options(${TARGET} PRIVATE -UQT_TESTCASE_BUILDDIR -UQT_TESTCASE_SOURCEDIR)
  get_property(owner GLOBAL PROPERTY DRIFT_TEST_HEADERS_OWNER)
  if(owner)
    target_precompile_headers(${TARGET} REUSE_FROM ${owner})
  else()
    target_precompile_headers(${TARGET} PRIVATE <QtTest>)
    set_property(GLOBAL PROPERTY DRIFT_TEST_HEADERS_OWNER ${TARGET})
  endif()
endfunction()

# add_unit_test(MODULE <module> UNIT <unit> [LABELS ...] [LIBS ...]): builds tst_<unit>.cpp of the
# current folder into the executable tst_<module>_<unit> and links it with that module alone.
function(add_unit_test)
  cmake_parse_arguments(ARG "" "MODULE;UNIT;TIMEOUT" "LABELS;LIBS;SOURCES;ARGUMENTS" ${ARGN})
  set(target tst_${ARG_MODULE}_${ARG_UNIT})
  add_executable(${target} tst_${ARG_UNIT}.cpp ${ARG_SOURCES})
  set_target_properties(${target} PROPERTIES AUTOMOC ON RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_link_libraries(${target} PRIVATE drift_compiler drift_${ARG_MODULE} Qt6::Test ${ARG_LIBS})
  target_compile_definitions(${target} PRIVATE DRIFT_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  share_test_headers(${target})
  add_test(NAME ${ARG_MODULE}.${ARG_UNIT} COMMAND ${target} ${ARG_ARGUMENTS})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  set_tests_properties(${ARG_MODULE}.${ARG_UNIT} PROPERTIES
    TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}" ENVIRONMENT "QT_QPA_PLATFORM=offscreen;LC_ALL=C.UTF-8")
endfunction()
