"""The model that model_type lstm_seq2seq names, in PyTorch: what this build serves and trains is held against it.

Global attention and input feeding of Luong et al. 2015, an encoder in both directions and a bridge of Bahdanau et al.
2015. It is a transformers model as far as generate() needs one, so that transformers' own searches write with it.
"""
import torch
import transformers
from transformers.modeling_outputs import ModelOutput, Seq2SeqLMOutput


class LstmConfig(transformers.PretrainedConfig):
    model_type = "lstm_seq2seq"

    def __init__(self, vocab_size=41, embedding_size=16, hidden_size=24, encoder_layers=1, decoder_layers=1,
                 attention="general", input_feeding=True, dropout=0.0, max_position_embeddings=64, **more):
        self.vocab_size, self.embedding_size, self.hidden_size = vocab_size, embedding_size, hidden_size
        self.encoder_layers, self.decoder_layers = encoder_layers, decoder_layers
        self.attention, self.input_feeding, self.dropout = attention, input_feeding, dropout
        self.bidirectional = True
        self.max_position_embeddings = max_position_embeddings
        super().__init__(**{"is_encoder_decoder": True, "tie_word_embeddings": False} | more)


class Encoder:
    """What generate() calls first; the weights are the model's own."""

    def __init__(self, model):
        self.model = model

    def forward(self, input_ids, **_):
        return self.model.encode(input_ids)

    __call__ = forward


class LstmForConditionalGeneration(transformers.PreTrainedModel, transformers.GenerationMixin):
    config_class = LstmConfig
    main_input_name = "input_ids"
    _tied_weights_keys = {"lm_head.weight": "embedding.weight"}

    def __init__(self, config):
        super().__init__(config)
        c, h = config, config.hidden_size
        self.embedding = torch.nn.Embedding(c.vocab_size, c.embedding_size)
        self.encoder = torch.nn.LSTM(c.embedding_size, h // 2, c.encoder_layers, batch_first=True, bidirectional=True)
        self.encoder.main_input_name = "input_ids"  # generate() asks
        fed = h if c.input_feeding else 0
        self.decoder = torch.nn.LSTM(c.embedding_size + fed, h, c.decoder_layers, batch_first=True)
        self.bridge = torch.nn.ModuleDict({"hidden": torch.nn.Linear(h, c.decoder_layers * h),
                                           "cell": torch.nn.Linear(h, c.decoder_layers * h)})
        self.attention = torch.nn.ModuleDict({"output": torch.nn.Linear(2 * h, h, bias=False)})
        if c.attention == "general":
            self.attention["query"] = torch.nn.Linear(h, h, bias=False)
        self.lm_head = torch.nn.Linear(h, c.vocab_size)
        self.post_init()

    def _init_weights(self, module):
        pass

    def get_input_embeddings(self):
        return self.embedding

    def get_encoder(self, *_):
        return Encoder(self)

    def encode(self, input_ids):
        """Rows of one length."""
        states, (hidden, cell) = self.encoder(self.embedding(input_ids))
        return ModelOutput(last_hidden_state=states, last_hidden=torch.cat((hidden[-2], hidden[-1]), 1),
                           last_cell=torch.cat((cell[-2], cell[-1]), 1))

    def forward(self, input_ids=None, attention_mask=None, decoder_input_ids=None, encoder_outputs=None, **_):
        source = encoder_outputs if encoder_outputs is not None else self.encode(input_ids)
        c, states = self.config, source["last_hidden_state"]
        rows = states.shape[0]

        def first(name, last):
            return torch.tanh(self.bridge[name](last)).view(rows, c.decoder_layers, -1).transpose(0, 1).contiguous()

        memory = first("hidden", source["last_hidden"]), first("cell", source["last_cell"])
        attentional = states.new_zeros(rows, c.hidden_size)
        logits = []
        for word in self.embedding(decoder_input_ids).unbind(1):
            read = torch.cat((word, attentional), 1) if c.input_feeding else word
            state, memory = self.decoder(read.unsqueeze(1), memory)
            query = self.attention["query"](state) if c.attention == "general" else state
            weights = torch.softmax(query @ states.transpose(1, 2), -1)
            mixed = torch.cat((weights @ states, state), -1).squeeze(1)
            attentional = torch.tanh(self.attention["output"](mixed))
            logits.append(self.lm_head(attentional))
        return Seq2SeqLMOutput(logits=torch.stack(logits, 1))

    def prepare_inputs_for_generation(self, input_ids, encoder_outputs=None, attention_mask=None, **_):
        return {"decoder_input_ids": input_ids, "encoder_outputs": encoder_outputs}
