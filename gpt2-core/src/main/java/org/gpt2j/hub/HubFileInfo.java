package org.gpt2j.hub;

/**
 * What the hub says of a file.
 *
 * @param commit of the revision
 * @param etag names the content: git's SHA-1 of it, or its SHA-256 where it is large
 * @param size in bytes
 */
record HubFileInfo(String commit, String etag, long size) {}
