package org.gpt2j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.gpt2j.hub.DownloadListener;
import org.gpt2j.testing.FakeHub;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SmsSpamArchiveTest {
  private static final byte[] MESSAGES = FakeHub.bytes("ham\tsee you\nspam\tyou won\n");

  @TempDir Path dir;
  private FakeHub site;
  private URI address;

  @BeforeEach
  void start() throws IOException {
    site = new FakeHub();
    address = URI.create(site.endpoint() + "/static/sms+spam+collection.zip");
  }

  @AfterEach
  void stop() {
    site.close();
  }

  private static byte[] zip(Map<String, byte[]> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
      }
    }
    return bytes.toByteArray();
  }

  private void serve(byte[] content) {
    site.next(
        "GET sms+spam+collection.zip",
        exchange -> {
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content);
        });
  }

  private Path download(Path target) throws IOException {
    return new SmsSpamArchive(address, FakeHub.sha256(MESSAGES))
        .download(target, DownloadListener.NONE);
  }

  @Test
  void takesTheOneFileOutOfTheArchive() throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("readme", FakeHub.bytes("not wanted"));
    entries.put("../SMSSpamCollection", FakeHub.bytes("outside"));
    entries.put("/SMSSpamCollection", FakeHub.bytes("outside"));
    entries.put("SMSSpamCollection", MESSAGES);
    serve(zip(entries));
    Path dataset = dir.resolve("dataset");
    assertThat(download(dataset)).isEqualTo(dataset.resolve("SMSSpamCollection"));
    assertThat(dataset).isDirectoryContaining(p -> p.endsWith("SMSSpamCollection"));
    assertThat(dataset.resolve("SMSSpamCollection")).hasBinaryContent(MESSAGES);
    try (var files = Files.walk(dir)) {
      assertThat(files.filter(Files::isRegularFile)).hasSize(1);
    }
    download(dataset);
    assertThat(site.requests()).hasSize(1);
  }

  @Test
  void keepsAnotherFileThatIsInItsPlace() throws IOException {
    Path mine = Files.writeString(dir.resolve("SMSSpamCollection"), "mine");
    assertThatThrownBy(() -> download(dir))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(mine + ": expected SMSSpamCollection with the SHA-256 ")
        .hasMessageEndingWith(", found " + FakeHub.sha256(FakeHub.bytes("mine")));
    assertThat(mine).hasContent("mine");
    assertThat(site.requests()).isEmpty();
  }

  private void assertRefused(byte[] content, String sentence) {
    serve(content);
    assertThatThrownBy(() -> download(dir))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(address + ": " + sentence);
    assertThat(dir).isEmptyDirectory();
  }

  @Test
  void otherContentIsRefused() throws IOException {
    assertRefused(
        zip(Map.of("SMSSpamCollection", FakeHub.bytes("other"))),
        "expected SMSSpamCollection with the SHA-256 ");
    assertRefused(
        zip(Map.of("readme", MESSAGES)),
        "expected a zip archive with the file SMSSpamCollection, found none");
    assertRefused(
        FakeHub.bytes("<html>"),
        "expected a zip archive with the file SMSSpamCollection, found none");
    byte[] bad = zip(Map.of("SMSSpamCollection", MESSAGES));
    bad[bad.length / 3] ^= 0x55;
    serve(bad);
    assertThatThrownBy(() -> download(dir)).isInstanceOf(IOException.class);
    assertThat(dir).isEmptyDirectory();
  }

  /** 3 MB of zeros in a few kB. */
  @Test
  void whatUnpacksToTooMuchIsRefused() throws IOException {
    byte[] bomb = zip(Map.of("SMSSpamCollection", new byte[3_000_000]));
    assertThat(bomb).hasSizeLessThan(10_000);
    assertRefused(bomb, "SMSSpamCollection: expected at most 2,000,000 bytes, found more");
  }

  @Test
  void anArchiveThatIsTooLargeIsRefused() {
    assertRefused(new byte[2_000_001], "expected at most 2,000,000 bytes, found more");
  }

  @Test
  void aSiteThatLacksItIsNamed() {
    assertThatThrownBy(() -> download(dir))
        .isInstanceOf(IOException.class)
        .hasMessage(address + ": expected a file, found the status 404");
    assertThat(dir).isEmptyDirectory();
  }
}
