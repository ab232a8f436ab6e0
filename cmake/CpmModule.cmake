# cpm_module(name USES <modules it may include> LIBS <third-party libraries it alone may see>
#            LAZY_LIBS <the same, loaded only when first called>)
#
# Makes the static library cpm_<name> from src/<name>/ and the topic folders in it. Third-party headers stay inside the module; the
# declaration is also recorded in the global property CPM_LAYERS, from which tests/layers/ checks each #include.
# A lazy library X is seen by the compiler but not by the linker: src/<name>/X_lazy.c binds what is called of it.
option(CPM_LAZY_LIBRARIES "load heavy libraries when first called, not at start" ON)

# The folders of a module: file names are unique, so a private header is included by its name alone.
function(cpm_folders_of name result)
    file(GLOB topics LIST_DIRECTORIES true ${CMAKE_SOURCE_DIR}/src/${name}/*)
    list(FILTER topics EXCLUDE REGEX "\\.[a-z]+$")
    set(${result} ${CMAKE_SOURCE_DIR}/src/${name} ${topics} PARENT_SCOPE)
endfunction()

function(cpm_module name)
    cmake_parse_arguments(arg "" "" "USES;LIBS;LAZY_LIBS" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.c)
    if(NOT CPM_LAZY_LIBRARIES)
        list(FILTER sources EXCLUDE REGEX "_lazy\\.c$")
    endif()
    add_library(cpm_${name} STATIC ${sources})
    cpm_folders_of(${name} folders)
    target_include_directories(cpm_${name} PUBLIC ${CMAKE_SOURCE_DIR}/include PRIVATE ${folders})
    foreach(used IN LISTS arg_USES)
        target_link_libraries(cpm_${name} PUBLIC cpm_${used})
    endforeach()
    target_link_libraries(cpm_${name} PRIVATE ${arg_LIBS} ${CMAKE_DL_LIBS})
    foreach(library IN LISTS arg_LAZY_LIBS)
        if(CPM_LAZY_LIBRARIES)
            target_include_directories(cpm_${name} PRIVATE $<TARGET_PROPERTY:${library},INTERFACE_INCLUDE_DIRECTORIES>)
        else()
            target_link_libraries(cpm_${name} PRIVATE ${library})
        endif()
    endforeach()
    string(JOIN "," uses ${arg_USES})
    set_property(GLOBAL APPEND PROPERTY CPM_LAYERS "${name}:${uses}")
endfunction()
