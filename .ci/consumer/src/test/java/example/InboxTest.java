package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** The library as a program of others has it: from several threads, without our command line. */
class InboxTest {
  private static final String PRIZE = "You have WON a guaranteed £1000 prize! Call now to claim";
  private static final String HAM = "I'm on the bus now, see you at home in ten minutes";

  @Test
  void threadsShareOneClassifier() throws Exception {
    Inbox inbox = new Inbox();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (inbox) {
      var results =
          threads.invokeAll(
              Collections.nCopies(40, () -> inbox.withoutSpam(List.of(PRIZE, HAM))));
      for (var result : results) {
        assertEquals(List.of(HAM), result.get());
      }
    } finally {
      threads.shutdown();
    }
    assertThrows(IllegalStateException.class, () -> inbox.withoutSpam(List.of(HAM)));
  }

  @Test
  void neitherOurLoggerNorOurCommandLineIsHere() {
    String classPath = System.getProperty("java.class.path");
    assertFalse(classPath.contains("slf4j-simple"), classPath);
    assertFalse(classPath.contains("picocli"), classPath);
  }
}
