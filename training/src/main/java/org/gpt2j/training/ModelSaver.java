package org.gpt2j.training;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.gpt2j.lora.LoraConfig;
import org.gpt2j.lora.LoraModel;
import org.gpt2j.model.Gpt2PreTrainedModel;

/** Writes what is trained into a directory, and takes it back from there. */
public interface ModelSaver {
  /** Writes the model as it is now; the directory is made if it is missing. */
  void save(Path dir) throws IOException;

  /** Takes the weights that {@link #save} wrote. */
  void load(Path dir) throws IOException;

  /** What is trained, and how, where that shows in no shape: of an adapter its options. */
  default String describe() {
    return "";
  }

  /** Every weight, with config.json. */
  static ModelSaver of(Gpt2PreTrainedModel model) {
    return new ModelSaver() {
      @Override
      public void save(Path dir) throws IOException {
        model.savePretrained(dir);
      }

      @Override
      public void load(Path dir) throws IOException {
        model.loadWeights(dir);
      }
    };
  }

  /** The adapter, and the config that its base has with it. */
  static ModelSaver of(LoraModel lora) {
    return new ModelSaver() {
      @Override
      public void save(Path dir) throws IOException {
        lora.savePretrained(dir);
        lora.model().config().toBuilder()
            .architectures(List.of(lora.model().architecture()))
            .build()
            .savePretrained(dir);
      }

      @Override
      public String describe() {
        LoraConfig c = lora.config();
        return String.format(
            "alpha %s, dropout %s, bias %s, rslora %s, ranks %s, alphas %s",
            c.loraAlpha(),
            c.loraDropout(),
            c.bias(),
            c.useRslora(),
            c.rankPattern(),
            c.alphaPattern());
      }

      @Override
      public void load(Path dir) throws IOException {
        lora.loadWeights(dir);
      }
    };
  }
}
