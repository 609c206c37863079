# Finds libcurl, or stops with the name of the package that has it.

set(VAULT_CURL "" CACHE PATH "Prefix of the libcurl to use (empty: the system's)")

# Repeats the search when the prefix has changed.
if(NOT "${VAULT_CURL}" STREQUAL "${VAULT_CURL_SEARCHED}")
  foreach(variable CURL_DIR CURL_INCLUDE_DIR CURL_LIBRARY CURL_LIBRARY_DEBUG CURL_LIBRARY_RELEASE)
    unset(${variable} CACHE)
  endforeach()
endif()
set(VAULT_CURL_SEARCHED "${VAULT_CURL}" CACHE INTERNAL "")
if(VAULT_CURL)
  list(PREPEND CMAKE_PREFIX_PATH "${VAULT_CURL}")
endif()

# Older versions repeat PATCH and POST by themselves, and cannot be stopped (CURLOPT_PREREQFUNCTION came with 7.80).
set(curl_minimum 7.81)
find_package(CURL QUIET)
if(NOT CURL_FOUND OR CURL_VERSION_STRING VERSION_LESS curl_minimum)
  if(CURL_VERSION_STRING)
    set(curl_problem "libcurl ${CURL_VERSION_STRING} is too old; ${curl_minimum} or newer is needed.")
  else()
    set(curl_problem "libcurl, with its headers, was not found.")
  endif()
  message(
    FATAL_ERROR
      "${curl_problem} Install it:\n"
      "  Debian, Ubuntu:    apt-get install libcurl4-openssl-dev\n"
      "  Fedora:            dnf install libcurl-devel\n"
      "  Alpine:            apk add curl-dev\n"
      "  macOS (Homebrew):  brew install curl\n"
      "or name the prefix of another one with -DVAULT_CURL=...")
endif()
message(STATUS "Found libcurl ${CURL_VERSION_STRING}")
