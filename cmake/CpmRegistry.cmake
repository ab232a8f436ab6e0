# The default registry is a build setting. Distributions and companies set CPM_DEFAULT_REGISTRY; no file in the
# tree writes the public registry's host out.
set(CPM_REGISTRY_ZONE "npmjs.org" CACHE STRING "DNS zone of the default registry")
set(CPM_DEFAULT_REGISTRY "https://registry.${CPM_REGISTRY_ZONE}/" CACHE STRING "registry used when none is configured")
set(CPM_NPM_VERSION "12.2.0")
configure_file(${CMAKE_SOURCE_DIR}/include/cpm/build_config.h.in ${CMAKE_BINARY_DIR}/generated/cpm/build_config.h)
include_directories(${CMAKE_BINARY_DIR}/generated)
