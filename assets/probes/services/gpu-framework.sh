[ -r /opt/pytorch-venv/bin/activate ] || return 127
. /opt/pytorch-venv/bin/activate
t python -c 'import torch;print(torch.cuda.is_available(),torch.cuda.device_count())'
