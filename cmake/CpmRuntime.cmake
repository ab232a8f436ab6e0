# What is installed beside the program. The build is fetched by the installed program itself, which takes its own
# <prefix>/lib for the place of data: cpm looks for lib/cpm/runtime beside it before it looks anywhere else.
option(CPM_BUNDLE_RUNTIME "cmake --install puts a Node.js build from the registry beside cpm" OFF)
set(CPM_BUNDLED_VERSION "lts" CACHE STRING "the build that CPM_BUNDLE_RUNTIME puts there: a version, a range, lts or latest")

if(CPM_BUNDLE_RUNTIME)
    install(CODE "
        set(prefix \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}\")
        execute_process(
            COMMAND \${CMAKE_COMMAND} -E env \"XDG_DATA_HOME=\${prefix}/lib\"
                \"\${prefix}/${CMAKE_INSTALL_BINDIR}/cpm\" runtime install ${CPM_BUNDLED_VERSION}
            WORKING_DIRECTORY \"\${prefix}\"
            COMMAND_ERROR_IS_FATAL ANY)
        file(REMOVE \"\${prefix}/lib/cpm/runtime/.lock\")")
endif()
