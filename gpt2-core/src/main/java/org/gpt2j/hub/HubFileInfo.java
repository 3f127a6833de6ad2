package org.gpt2j.hub;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.gpt2j.io.Digest;

/**
 * What the hub says of a file.
 *
 * @param commit of the revision
 * @param etag names the content: git's SHA-1 of it, or its SHA-256 where it is large
 * @param size in bytes
 */
record HubFileInfo(String commit, String etag, long size) {
  /**
   * The name of its blob: the hash, as the hub's own library has it. Servers in the hub's place
   * also send etags that are none; such a one may be that of several files and commits, and names
   * the content of none of them, so that each gets a blob of its own.
   *
   * @param file its name in the commit
   */
  String blob(String file) {
    if (BlobHash.isHash(etag)) {
      return etag;
    }
    byte[] key = String.join("\n", commit, file, etag).getBytes(StandardCharsets.UTF_8);
    return "unhashed-" + HexFormat.of().formatHex(Digest.of("SHA-256").digest(key));
  }
}
