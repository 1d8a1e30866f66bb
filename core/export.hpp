#pragma once

/// Marks what the shared library exports; everything else is hidden.
#define CORNU_API __attribute__((visibility("default")))
