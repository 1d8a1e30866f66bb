#pragma once

#include <map>
#include <string>

/// The pages of docs/reference, by file name, made from the registries, the option descriptions and
/// the comments of the sources under `root`. Throws when something that is registered has no
/// comment.
std::map<std::string, std::string> reference_pages(const std::string& root);
