# The default registry is a build setting. Distributions and companies set CPM_DEFAULT_REGISTRY; no file in the
# tree writes the public registry's host out.
set(CPM_REGISTRY_NAME "npmjs" CACHE STRING "name under which the default registry has its zones")
set(CPM_DEFAULT_REGISTRY "https://registry.${CPM_REGISTRY_NAME}.org/" CACHE STRING "registry used when none is configured")
# Where people read about packages, for those that name no page of their own; and short links to the same.
set(CPM_PACKAGE_PAGES "https://www.${CPM_REGISTRY_NAME}.com/package/" CACHE STRING "address of a package's page, without its name")
set(CPM_SHORT_PAGES "https://npm.im/" CACHE STRING "short address of a package's page, without its name")
set(CPM_NPM_VERSION "12.2.0")
configure_file(${CMAKE_SOURCE_DIR}/include/cpm/build_config.h.in ${CMAKE_BINARY_DIR}/generated/cpm/build_config.h)
include_directories(${CMAKE_BINARY_DIR}/generated)
