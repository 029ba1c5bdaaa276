// The engine that keeps everything in memory: for tests, simulation and as the plainest reading of the contract.
//
// Deterministic: every call completes inline, on the calling thread, without waiting for anything but a short lock.
// Nothing survives the object; "durable" means "applied".
#pragma once

#include <memory>

#include "kv/engine.h"

namespace reprise::kv {

std::unique_ptr<Engine> make_memory_engine();

}  // namespace reprise::kv
