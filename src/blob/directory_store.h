// Objects as the files of a directory: the backup location of a server that has a disk, and the buckets of exports and
// imports where no S3 endpoint is configured.
//
// A key is the file's path below the directory. What a file system cannot hold as S3 does is refused with invalid: an
// empty part, "." and "..", a NUL byte, a part of more than 255 bytes, a key that would be a file where another key
// needs a folder. Everything else of object_store.h holds; in particular an object is seen whole or not at all, also
// after a power cut.
//
// Etags: the MD5 that was computed while writing is kept as an extended attribute beside the file's size and time.
// Where the file was not written by this program, was changed since, or the file system keeps no attributes, list()
// and open() show an empty etag; commit() always returns it.
//
// What a killed process was writing stays in the folder `.reprise-partial` until the directory is opened again.
// Threading: as object_store.h says; several processes may use one directory.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "blob/object_store.h"

namespace reprise::blob {

// Makes the directory when it is missing (its parent must be there) and removes what killed writers left in it.
Result<std::shared_ptr<ObjectStore>> open_directory_store(std::string path);

// Buckets as the folders directly in `path`, which is made when missing. A bucket is there when its folder is; every
// account may use every one of them, for this is a place that the operator gives to the whole server.
Result<std::shared_ptr<ObjectStores>> open_directory_buckets(std::string path);

}  // namespace reprise::blob
