package org.gpt2j.benchmarks.compare;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.gpt2j.model.GenerationConfig;
import org.gpt2j.model.Gpt2LMHeadModel;

/** Greedy decoding of one sequence with the key-value cache, prompt included, one item. */
final class DecodeJob implements Job {
  private final Gpt2LMHeadModel model;
  private final Inputs.Decode task;

  DecodeJob(Inputs inputs, boolean int8) throws IOException {
    model = Gpt2LMHeadModel.fromPretrained(inputs.model());
    if (int8) {
      model.toInt8();
    }
    task = inputs.decode();
  }

  @Override
  public int items() {
    return 1;
  }

  @Override
  public void run(int item) {
    generate();
  }

  /** The new tokens. */
  @Override
  public double[] check() {
    return IntStream.of(generate()).asDoubleStream().toArray();
  }

  private int[] generate() {
    GenerationConfig config =
        GenerationConfig.builder().maxNewTokens(task.newTokens()).eosTokenId().build();
    return model.generate(List.of(task.prompt()), config).get(0);
  }
}
