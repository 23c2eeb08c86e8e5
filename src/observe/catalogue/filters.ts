import { unlike, type Where } from './builders.ts'

/**
 * Disks that do work of their own. Loop, RAM and compressed-RAM disks do none; device-mapper and md volumes repeat the
 * work of the disks below them, and SD-card partitions that of the whole card.
 */
export const REAL_DISKS: Where = {
  device: unlike('(loop|ram|zram|fd|sr|dm-|md_?d?)[0-9]+|mmcblk[0-9]+(p|boot)[0-9]+'),
}

/** Network cards; what bridges, bonds, VLANs, tunnels and containers carry is counted on the card below. */
export const REAL_NETWORK: Where = {
  device: unlike(
    'lo|(veth|docker|cali|cni|flannel|cilium|lxc|lxd|podman|virbr|vnet|vxlan|tap|tun|wg|ifb|dummy|kube-|nodelocaldns|ovs-|ovn|gre|sit|ip6tnl|bond|team|br[0-9-]).*|.+[.][0-9]+',
  ),
}

/**
 * Filesystems that can fill up. Pseudo filesystems hold no data, images (squashfs, iso9660, erofs) are always full,
 * and overlays repeat the filesystem below. A tmpfs counts, unless the system keeps it for itself.
 */
export const REAL_FILESYSTEMS: Where = {
  fstype: unlike(
    'autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|efivarfs|erofs|fuse[.](lxcfs|gvfsd-fuse|portal)|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|ramfs|rootfs|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs',
  ),
  mountpoint: unlike('/(dev|proc|run|sys|snap|var/lib/(docker|containers/storage|containerd|kubelet)/.+)(/.*)?'),
}
