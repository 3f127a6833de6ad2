package org.gpt2j.hub;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.gpt2j.io.Directories;
import org.gpt2j.io.Interruption;
import org.gpt2j.io.LockFile;

/**
 * Downloads one file of a model into a blob of the cache. The bytes go to a file of their own, from
 * whose end a later download goes on; it becomes the blob when its size and hash are right.
 */
final class HubDownload {
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (\\d{1,18})-\\d+/(\\d{1,18})");

  private final HubClient client;
  private final HubCache cache;
  private final DownloadListener listener;
  private final String file;
  private final HubFileInfo info;
  private final String name;

  HubDownload(
      HubClient client, HubCache cache, DownloadListener listener, String file, HubFileInfo info) {
    this.client = client;
    this.cache = cache;
    this.listener = listener;
    this.file = file;
    this.info = info;
    this.name = info.blob(file);
  }

  /** Returns when the blob is there. */
  void run() throws IOException {
    if (isThere()) {
      return;
    }
    Runnable waiting = () -> listener.note(file + ": waiting for another download of it");
    // (On Linux, Python's library takes a lock of another kind on the same file. It shares no
    // unfinished file with us, so at worst both download.)
    LockFile lock = LockFile.acquire(cache.lock(name), waiting);
    try {
      if (!isThere()) {
        receiveAndVerify();
      }
    } finally {
      lock.close();
    }
  }

  private void receiveAndVerify() throws IOException {
    Path incomplete = cache.incomplete(name);
    receive(incomplete);
    String mismatch = BlobHash.mismatch(incomplete, info.etag());
    if (mismatch != null) {
      Files.delete(incomplete);
      throw new HubException(
          file + ": damaged on the way: " + mismatch + "; it is deleted, download it again");
    }
    Path blob = cache.blob(name);
    Files.move(
        incomplete, blob, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Directories.sync(blob.getParent());
  }

  private boolean isThere() throws IOException {
    Path blob = cache.blob(name);
    return Files.exists(blob) && Files.size(blob) == info.size();
  }

  private void receive(Path path) throws IOException {
    Retries retries = client.retries(Retries.ATTEMPTS);
    try (FileChannel out = open(path)) {
      if (out.size() > info.size()) {
        out.truncate(0);
      }
      out.position(out.size());
      checkSpace(path, info.size() - out.size());
      listener.progress(file, out.size(), info.size());
      while (out.position() < info.size()) {
        try {
          append(path, out, retries);
        } catch (TemporaryFailure e) {
          retries.waitAfter(new TemporaryFailure(file + ": " + e.getMessage(), e.retryAfter(), e));
        }
      }
      out.force(true);
    } catch (ClosedByInterruptException e) {
      Interruption.rethrow(path + ": cannot be written", e);
      throw e;
    } catch (WrongSizeException e) {
      Files.deleteIfExists(path);
      throw new HubException(file + ": " + e.getMessage() + "; it is deleted, download it again");
    }
  }

  private static FileChannel open(Path path) throws IOException {
    try {
      return FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new IOException(path + ": cannot be written: " + e, e);
    }
  }

  private static void checkSpace(Path path, long needed) throws IOException {
    long free = Files.getFileStore(path.toAbsolutePath().getParent()).getUsableSpace();
    // Some file systems do not know, and say 0.
    if (free > 0 && needed > free) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s: cannot be written: it needs another %,d bytes, and the disk has %,d free",
              path,
              needed,
              free));
    }
  }

  /** Appends what one request brings. */
  private void append(Path path, FileChannel out, Retries retries) throws IOException {
    long from = out.position();
    HttpResponse<ResponseBody> response = client.get(info.commit(), file, from);
    try (ResponseBody body = response.body()) {
      switch (response.statusCode()) {
        case 200 -> {
          // The whole file, whatever part was asked for.
          out.truncate(0);
          checkOffered(response.headers().firstValueAsLong("Content-Length"));
        }
        case 206 -> checkRange(response, from);
        case 416 -> {
          if (from == 0) {
            throw client.refusal(response, info.commit(), file);
          }
          out.truncate(0);
          return;
        }
        default -> throw client.refusal(response, info.commit(), file);
      }
      for (List<ByteBuffer> next = body.next(); next != null; next = body.next()) {
        for (ByteBuffer bytes : next) {
          write(path, out, bytes);
        }
        retries.progress(out.position());
        listener.progress(file, out.position(), info.size());
      }
    }
    if (out.position() < info.size()) {
      throw new TemporaryFailure(
          String.format(
              Locale.ROOT, "the answer ended after %,d of %,d bytes", out.position(), info.size()),
          null,
          null);
    }
  }

  private void checkRange(HttpResponse<?> response, long from) throws IOException {
    String text = response.headers().firstValue("Content-Range").orElse("");
    Matcher range = CONTENT_RANGE.matcher(text);
    if (!range.matches() || Long.parseLong(range.group(1)) != from) {
      throw new HubException(
          "%s: expected the bytes from %s on, found another range".formatted(file, from));
    }
    checkOffered(OptionalLong.of(Long.parseLong(range.group(2))));
  }

  private void checkOffered(OptionalLong size) throws WrongSizeException {
    if (size.isPresent() && size.getAsLong() != info.size()) {
      throw new WrongSizeException(size.getAsLong());
    }
  }

  private void write(Path path, FileChannel out, ByteBuffer bytes) throws IOException {
    long end = out.position() + bytes.remaining();
    if (end > info.size()) {
      throw new WrongSizeException(end);
    }
    try {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    } catch (IOException e) {
      Interruption.rethrow(path + ": cannot be written", e);
      throw new IOException(
          path
              + ": cannot be written: "
              + e.getMessage()
              + "; the next download goes on from what is there",
          e);
    }
  }

  /** More or fewer bytes than the hub said. */
  private final class WrongSizeException extends IOException {
    WrongSizeException(long found) {
      super(String.format(Locale.ROOT, "expected %,d bytes, found %,d", info.size(), found));
    }
  }
}
