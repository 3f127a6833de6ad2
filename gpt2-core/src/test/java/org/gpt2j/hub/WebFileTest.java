package org.gpt2j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.gpt2j.testing.FakeHub;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebFileTest {
  private static final byte[] CONTENT = HubFixture.CONTENT;

  private HubFixture site;
  private URI address;

  @BeforeEach
  void start(@TempDir Path cache) throws IOException {
    site = new HubFixture(cache);
    address = URI.create(site.server.cdnAddress() + "/" + HubFixture.HASH + "/a.zip?secret=1");
  }

  @AfterEach
  void stop() {
    site.close();
  }

  private byte[] read(int max) throws IOException {
    return WebFile.read(address, max, site, d -> site.pauses.add(d.toSeconds()));
  }

  @Test
  void readsAFileOverARedirectAndABrokenConnection() throws IOException {
    site.server.next("GET a.zip", FakeHub.status(302, Map.of("Location", "b.zip")));
    site.server.next("GET b.zip", FakeHub.cutAfter(CONTENT, 1000));
    site.server.next("GET a.zip", FakeHub.status(503, Map.of()));
    assertThat(read(CONTENT.length)).isEqualTo(CONTENT);
    assertThat(site.pauses).containsExactly(1L, 2L);
    String shown = address.toString().replaceFirst("\\?.*", "");
    assertThat(site.progress).endsWith(shown + " 100000/100000");
    assertThat(site.notes).hasSize(2).allMatch(note -> !note.contains("secret"));
  }

  @Test
  void refusesMoreThanIsExpected() {
    assertThatThrownBy(() -> read(CONTENT.length - 1))
        .isInstanceOf(HubException.class)
        .hasMessage(
            address.toString().replaceFirst("\\?.*", "")
                + ": expected at most 99,999 bytes, found more");
  }
}
