# cpm_module(name USES <modules it may include> LIBS <third-party libraries it alone may see>)
#
# Makes the static library cpm_<name> from src/<name>/*.c. Third-party headers stay inside the module; the
# declaration is also recorded in the global property CPM_LAYERS, from which tests/layers/ checks each #include.
function(cpm_module name)
    cmake_parse_arguments(arg "" "" "USES;LIBS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.c)
    add_library(cpm_${name} STATIC ${sources})
    target_include_directories(cpm_${name} PUBLIC ${CMAKE_SOURCE_DIR}/include PRIVATE ${CMAKE_SOURCE_DIR}/src/${name})
    foreach(used IN LISTS arg_USES)
        target_link_libraries(cpm_${name} PUBLIC cpm_${used})
    endforeach()
    target_link_libraries(cpm_${name} PRIVATE ${arg_LIBS})
    string(JOIN "," uses ${arg_USES})
    set_property(GLOBAL APPEND PROPERTY CPM_LAYERS "${name}:${uses}")
endfunction()
