# Finds libcurl, or stops with the name of the package that has it.

find_package(CURL 7.68 QUIET)
if(NOT CURL_FOUND)
  if(CURL_VERSION_STRING)
    set(curl_problem "libcurl ${CURL_VERSION_STRING} is too old; 7.68 or newer is needed.")
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
      "or name its prefix with -DCMAKE_PREFIX_PATH=...")
endif()
message(STATUS "Found libcurl ${CURL_VERSION_STRING}")
