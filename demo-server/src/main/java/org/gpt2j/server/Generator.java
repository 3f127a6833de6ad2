package org.gpt2j.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.gpt2j.model.GenerationConfig;
import org.gpt2j.model.WeightType;
import org.gpt2j.training.GeneratedText;
import org.gpt2j.training.TextGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The language model beneath a classifier, which one thread runs, so that a client that reads
 * slowly does not hold it up.
 */
final class Generator implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Generator.class);

  /** What happens to a continuation: pieces, then either the whole of it or a failure. */
  record Event(String piece, GeneratedText result, Throwable failure) {}

  private final Path model;
  private final GenerationConfig defaults;
  private final WeightType weights;
  private final ThreadPoolExecutor worker =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(Limits.GENERATIONS - 1),
          task -> {
            Thread thread = new Thread(task, "generator");
            thread.setDaemon(true);
            return thread;
          });

  /** Loaded on first use: who only classifies does not need its memory. */
  private TextGenerator loaded;

  /**
   * @param model directory of a language model
   * @param defaults how it generates where a request does not say
   */
  Generator(Path model, GenerationConfig defaults, WeightType weights) {
    this.model = model;
    this.defaults = defaults;
    this.weights = weights;
  }

  /** One continuation, on its way. */
  final class Stream implements AutoCloseable {
    private final String prompt;
    private final GenerationConfig config;
    private final List<String> stops;

    /** Bounded by the tokens of the continuation. */
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

    private volatile boolean cancelled;

    private Stream(String prompt, GenerationConfig config, List<String> stops) {
      this.prompt = prompt;
      this.config = config;
      this.stops = stops;
    }

    /** The next event; null if none comes in time. */
    Event next(int seconds) throws InterruptedException {
      return events.poll(seconds, TimeUnit.SECONDS);
    }

    private void run() {
      try {
        GeneratedText text =
            generator()
                .generate(List.of(prompt), limited(), stops, (i, piece) -> add(piece))
                .get(0);
        events.add(new Event(null, text, null));
      } catch (IOException | RuntimeException | Error e) {
        if (!cancelled && !(e instanceof IllegalArgumentException)) {
          LOG.error("a continuation failed", e);
        }
        events.add(new Event(null, null, e));
      }
    }

    /** The config with no more tokens than the server gives, whoever has said how many. */
    private GenerationConfig limited() throws IOException {
      int tokens = config.newTokensAfter(generator().countTokens(prompt, config));
      return tokens <= Limits.NEW_TOKENS
          ? config
          : config.toBuilder().maxNewTokens(Limits.NEW_TOKENS).build();
    }

    private void add(String piece) {
      if (cancelled) {
        throw new CancellationException("the client is gone");
      }
      events.add(new Event(piece, null, null));
    }

    /** Ends it where it is. */
    @Override
    public void close() {
      cancelled = true;
    }
  }

  /** How it generates where a request does not say. */
  GenerationConfig defaults() {
    return defaults;
  }

  /** Begins a continuation, or has it wait for others. */
  Stream start(String prompt, GenerationConfig config, List<String> stops) throws ApiException {
    Stream stream = new Stream(prompt, config, stops);
    try {
      worker.execute(stream::run);
    } catch (RejectedExecutionException e) {
      throw worker.isShutdown()
          ? new ApiException(ErrorCode.SHUTTING_DOWN, "The server is about to end.")
          : new ApiException(
              ErrorCode.QUEUE_FULL,
              Limits.GENERATIONS + " continuations wait already: try again later.");
    }
    return stream;
  }

  private TextGenerator generator() throws IOException {
    if (loaded == null) {
      try {
        loaded = TextGenerator.load(model.toString(), null, weights);
      } catch (IllegalArgumentException e) {
        // Its files have gone since the start: not the client's fault.
        throw new IOException(model + ": cannot be loaded any more: " + e.getMessage(), e);
      }
    }
    return loaded;
  }

  /** Begins no more. */
  @Override
  public void close() {
    worker.shutdownNow();
  }
}
